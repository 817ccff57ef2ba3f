# One SQL script: a shop's tables, filled row by row, then queried, changed and searched.
# Usage: awk -f random.awk -f sqlite.awk -v rows=N

BEGIN {
    seed(13)
    build_words(500)
    print "PRAGMA journal_mode = MEMORY; PRAGMA cache_size = 400;"
    print "CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, city TEXT, note TEXT);"
    print "CREATE TABLE sale(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer, item TEXT, cents INTEGER, note TEXT);"
    print "CREATE INDEX sale_customer ON sale(customer); CREATE INDEX sale_item ON sale(item, cents);"
    print "CREATE VIRTUAL TABLE search USING fts5(body);"
    print "CREATE TRIGGER sale_search AFTER INSERT ON sale WHEN new.id % 4 = 0 BEGIN INSERT INTO search(rowid, body) VALUES(new.id, new.note); END;"
    print "BEGIN;"
    customers = int(rows / 5)
    for (i = 1; i <= customers; i++)
        printf "INSERT INTO customer VALUES(%d, '%s %s', '%s', '%s');\n", i, word(), word(), words[pick(30)], sentence(1 + skewed(25))
    for (i = 1; i <= rows; i++) {
        printf "INSERT INTO sale VALUES(%d, %d, '%s', %d, '%s');\n", i, 1 + pick(customers), words[pick(200)], pick(100000), sentence(1 + skewed(60))
        if (i % 50 == 0) printf "UPDATE customer SET note = note || ' %s' WHERE id %% 97 = %d;\n", word(), pick(97)
        if (i % 80 == 0) printf "SELECT city, count(*), sum(cents) FROM customer JOIN sale ON sale.customer = customer.id WHERE item = '%s' GROUP BY city ORDER BY 3 DESC LIMIT 5;\n", words[pick(200)]
        if (i % 100 == 0) printf "SELECT rowid, snippet(search, 0, '[', ']', '...', 6) FROM search WHERE search MATCH '%s OR %s*' ORDER BY rank LIMIT 4;\n", words[1 + pick(80)], words[pick(80)]
        if (i % 500 == 0) print "COMMIT; BEGIN;"
    }
    print "COMMIT;"
    print "SELECT city, length(group_concat(name, ', ')) FROM customer GROUP BY city ORDER BY city;"
    print "WITH RECURSIVE chain(n, text) AS (SELECT 1, 'x' UNION ALL SELECT n + 1, text || n FROM chain WHERE n < 300) SELECT max(length(text)) FROM chain;"
    print "SELECT json_group_array(json_object('id', id, 'name', name)) FROM (SELECT * FROM customer ORDER BY name LIMIT 300);"
    print "DELETE FROM sale WHERE cents < 30000; DROP INDEX sale_item; VACUUM;"
    print "SELECT count(*), sum(length(note)) FROM sale;"
}
