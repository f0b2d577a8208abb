"""What the end-to-end tests are written with: one module for each thing that they look at."""
