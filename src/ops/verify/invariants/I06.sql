-- I6. No more is given back than was taken: what was refunded lies between 0 and what was captured. (What a channel moved by
-- itself is booked all the same, and stands in the books.)
SELECT payment_no AS subject, 'has refunded ' || refunded || ' of ' || captured || ' captured' AS detail
FROM payments
WHERE refunded < 0 OR refunded > captured;
