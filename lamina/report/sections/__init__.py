"""The sections of a report: each turns what is known of a run into what its template shows."""
