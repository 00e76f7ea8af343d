-- Here the log is the table events: nothing is handed to brokers, so nothing can be refused by them.
SELECT 1;
