"""How a page was printed and scanned. Bleed is `effects.ink_spread`, skew is `warp.rotation`."""
