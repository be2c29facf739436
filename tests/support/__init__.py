"""What tests share: makers, readers and servers of their own."""
