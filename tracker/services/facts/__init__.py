"""What pages and programs are shown of an object: read only, through the person."""
