"""The loop, its deadlines, its workers, the views for clients, and the processes it keeps."""
