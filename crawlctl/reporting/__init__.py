"""`crawlctl report`: figures of a period as JSON, CSV, or a page that needs nothing else and reads well on paper.

In reading order: `period` (which days), `rows` (figures as they are written), `plots` (drawn as SVG), `page` (HTML).
"""
