# One JSON document: an array of orders with nested lines.
# Usage: awk -f random.awk -f jq.awk -v orders=N

BEGIN {
    seed(11)
    build_words(400)
    print "["
    for (i = 0; i < orders; i++) {
        printf "{\"id\":%d,\"customer\":{\"name\":\"%s %s\",\"city\":\"%s\",\"vip\":%s},\"note\":\"%s\",\"lines\":[",
            i, word(), word(), words[pick(25)], pick(5) ? "false" : "true", sentence(1 + skewed(20))
        lines = 1 + skewed(9)
        for (j = 0; j < lines; j++)
            printf "%s{\"item\":\"%s\",\"count\":%d,\"price\":%d.%02d}", j ? "," : "", words[pick(120)], 1 + pick(9), pick(90), pick(100)
        print "]}" (i < orders - 1 ? "," : "")
    }
    print "]"
}
