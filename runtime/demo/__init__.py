"""The program and data behind `tograph demo`."""
