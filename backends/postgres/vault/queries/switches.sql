-- switches: what people have switched
SELECT name, value FROM switches
