"""What crosses or surrounds the text. What hides ink, the legibility knows."""
