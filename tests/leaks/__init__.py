"""What was typed once stands where the design lets it stand, and nowhere else."""
