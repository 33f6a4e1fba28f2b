"""Pages of integrations, their systems, checks, launch and deadlocks."""
