"""Programs that measure; ``make bench`` runs them and prints each figure beside its goal."""
