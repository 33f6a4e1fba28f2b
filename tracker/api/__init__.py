"""The JSON client: `/api/v1`, for programs that hold a person's token. `routes()` is what the root mounts."""
