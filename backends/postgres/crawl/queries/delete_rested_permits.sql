-- delete_rested_permits: what is over at some addresses, of orders that ended or never came back
DELETE FROM address_orders WHERE address = ANY ($1::text[]) AND until <= $2
