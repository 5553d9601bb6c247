"""What a touch carries besides the fact that it came: docs/protocols/carried-data.md."""
