"""What all front ends share: the services of one opened Corral, wired together in one place."""
