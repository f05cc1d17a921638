"""Questions asked of several plans or several solves: what differs, and why."""
