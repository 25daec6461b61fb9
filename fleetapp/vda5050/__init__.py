"""VDA 5050 without input or output: topics, codecs, one session a robot."""
