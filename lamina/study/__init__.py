"""What a dense net loses on pictures, what a convolution keeps: the grid, the reasons, the page."""
