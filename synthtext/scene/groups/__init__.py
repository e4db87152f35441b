"""What a group of text in a scene may be: a file a kind, each declared by it as `GROUP`."""
