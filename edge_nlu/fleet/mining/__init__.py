"""What many homes say alike, found in what they let out, and nothing of any one of them."""
