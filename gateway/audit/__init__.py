"""Who changed what, why, and what came of it: the record that nobody can rewrite unseen."""
