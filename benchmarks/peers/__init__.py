"""The same jobs, written the best way in each library."""
