"""What light, camera and compression do, in this order. Blurs are in line heights.

Where a picture is stretched to its width (`image.fit: stretch`), all that lens and pixels do is stretched with it.
"""
