"""The real engine, killed right after each kind of answer: what it said must be true."""
