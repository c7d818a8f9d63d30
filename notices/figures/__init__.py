"""Figures for reports: what rows of the vault add up to, by the rules of docs/domain.md, section 5. All pure.

In reading order: `survival` (removal times with open cases censored), `fold` (rows to figures), `suppress` (small counts in
public), `definitions` (what each figure means).
"""
