"""Two-stage location: plants serve satellites, satellites serve rows, and only openings are whole numbers."""
