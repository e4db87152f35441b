"""How the letters are made, beside their colour. Strengths are in em where nothing else is said."""
