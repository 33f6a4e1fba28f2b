"""Where the messages of the project stand."""

PAGE = "/projects/LEN/messages"
