-- switch: what is switched
SELECT value FROM switches WHERE name = $1
