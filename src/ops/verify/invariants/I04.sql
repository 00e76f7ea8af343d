-- I4. Amounts are whole minor units above 0 and at most 2^53 - 1, in a currency that can be charged (ISO 4217 with 0, 2 or 3
-- decimals); a fee lies between 0 and its amount, and what was captured between 0 and the amount.
WITH iso (currency) AS NOT MATERIALIZED (
  VALUES
    ('AED'), ('AFN'), ('ALL'), ('AMD'), ('AOA'), ('ARS'), ('AUD'), ('AWG'), ('AZN'), ('BAM'), ('BBD'), ('BDT'),
    ('BGN'), ('BHD'), ('BIF'), ('BMD'), ('BND'), ('BOB'), ('BOV'), ('BRL'), ('BSD'), ('BTN'), ('BWP'), ('BYN'),
    ('BZD'), ('CAD'), ('CDF'), ('CHE'), ('CHF'), ('CHW'), ('CLP'), ('CNY'), ('COP'), ('COU'), ('CRC'), ('CUC'),
    ('CUP'), ('CVE'), ('CZK'), ('DJF'), ('DKK'), ('DOP'), ('DZD'), ('EGP'), ('ERN'), ('ETB'), ('EUR'), ('FJD'),
    ('FKP'), ('GBP'), ('GEL'), ('GHS'), ('GIP'), ('GMD'), ('GNF'), ('GTQ'), ('GYD'), ('HKD'), ('HNL'), ('HRK'),
    ('HTG'), ('HUF'), ('IDR'), ('ILS'), ('INR'), ('IQD'), ('IRR'), ('ISK'), ('JMD'), ('JOD'), ('JPY'), ('KES'),
    ('KGS'), ('KHR'), ('KMF'), ('KPW'), ('KRW'), ('KWD'), ('KYD'), ('KZT'), ('LAK'), ('LBP'), ('LKR'), ('LRD'),
    ('LSL'), ('LYD'), ('MAD'), ('MDL'), ('MGA'), ('MKD'), ('MMK'), ('MNT'), ('MOP'), ('MRU'), ('MUR'), ('MVR'),
    ('MWK'), ('MXN'), ('MXV'), ('MYR'), ('MZN'), ('NAD'), ('NGN'), ('NIO'), ('NOK'), ('NPR'), ('NZD'), ('OMR'),
    ('PAB'), ('PEN'), ('PGK'), ('PHP'), ('PKR'), ('PLN'), ('PYG'), ('QAR'), ('RON'), ('RSD'), ('RUB'), ('RWF'),
    ('SAR'), ('SBD'), ('SCR'), ('SDG'), ('SEK'), ('SGD'), ('SHP'), ('SLE'), ('SLL'), ('SOS'), ('SRD'), ('SSP'),
    ('STN'), ('SVC'), ('SYP'), ('SZL'), ('THB'), ('TJS'), ('TMT'), ('TND'), ('TOP'), ('TRY'), ('TTD'), ('TWD'),
    ('TZS'), ('UAH'), ('UGX'), ('USD'), ('USN'), ('UYI'), ('UYU'), ('UZS'), ('VED'), ('VES'), ('VND'), ('VUV'),
    ('WST'), ('XAD'), ('XAF'), ('XCD'), ('XCG'), ('XOF'), ('XPF'), ('YER'), ('ZAR'), ('ZMW'), ('ZWG'), ('ZWL')
),
paid (subject, what, amount, currency) AS (
  SELECT payment_no, 'amount', amount, currency FROM payments
  UNION ALL
  SELECT merchant_id || '/' || order_no, 'total', total_amount, currency FROM orders
  UNION ALL
  SELECT CAST(source_event_id AS TEXT), 'leg ' || leg, amount, currency FROM transfers
)
SELECT subject, what || ' is ' || amount || ' ' || currency AS detail
FROM paid
WHERE amount <= 0 OR amount > 9007199254740991 OR currency NOT IN (SELECT currency FROM iso)
UNION ALL
SELECT payment_no, 'fee is ' || fee_amount || ', captured ' || captured || ' of ' || amount
FROM payments
WHERE fee_amount < 0 OR fee_amount > amount OR captured < 0 OR captured > amount
UNION ALL
SELECT account || ' ' || currency, 'account in a currency that cannot be charged'
FROM accounts
WHERE currency NOT IN (SELECT currency FROM iso);
