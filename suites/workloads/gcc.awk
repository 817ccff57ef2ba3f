# One C translation unit: records, tables, arithmetic, control flow, calls among the functions.
# Usage: awk -f random.awk -f gcc.awk -v functions=N

function expression(depth,    kind) {
    kind = pick(depth > 0 ? 9 : 3)
    if (kind == 0) return variables[pick(4)]
    if (kind == 1) return 1 + pick(1000)
    if (kind == 2) return "table" pick(tables) "[" variables[pick(4)] " & 31u]"
    if (kind == 3) return "(" expression(depth - 1) " + " expression(depth - 1) ")"
    if (kind == 4) return "(" expression(depth - 1) " * " expression(depth - 1) ")"
    if (kind == 5) return "(" expression(depth - 1) " ^ (" expression(depth - 1) " >> " 1 + pick(15) "))"
    if (kind == 6) return "(" expression(depth - 1) " < " expression(depth - 1) " ? " expression(0) " : " expression(0) ")"
    if (kind == 7 && current > 0) return "step" pick(current) "(state, " expression(depth - 1) ")"
    return "(state->field" pick(fields) " - " expression(depth - 1) ")"
}

function statement(depth, indent,    kind, i) {
    kind = pick(depth > 0 ? 8 : 3)
    if (kind == 0) print indent variables[pick(4)] " = " expression(2) ";"
    else if (kind == 1) print indent "state->field" pick(fields) " += " expression(2) ";"
    else if (kind == 2) print indent "table" pick(tables) "[" expression(1) " & 31u] = " expression(1) ";"
    else if (kind == 3 || kind == 4) {
        print indent "if (" expression(1) " > " expression(1) ") {"
        statement(depth - 1, indent "    "); statement(depth - 1, indent "    ")
        print indent "} else {"
        statement(depth - 1, indent "    ")
        print indent "}"
    } else if (kind == 5) {
        print indent "for (unsigned i = 0; i < " 2 + pick(60) "; i++) {"
        print indent "    a += i;"
        statement(depth - 1, indent "    ")
        print indent "}"
    } else if (kind == 6) {
        print indent "switch (" expression(1) " & 7u) {"
        for (i = 0; i < 5; i++) {
            print indent "case " i ":"
            statement(0, indent "    ")
            print indent "    break;"
        }
        print indent "default: b++; }"
    } else print indent "report(\"" sentence(2 + pick(5)) "\", " variables[pick(4)] ");"
}

BEGIN {
    seed(7)
    build_words(300)
    split("a b c d", names, " ")
    for (i = 0; i < 4; i++) variables[i] = names[i + 1]
    fields = 12; tables = 10
    print "extern void report(const char *text, unsigned value);"
    print "struct state {"
    for (i = 0; i < fields; i++) print "    unsigned field" i ";"
    print "    struct state *next;\n    double ratio;\n};"
    for (i = 0; i < tables; i++) {
        printf "static unsigned table%d[32] = {", i
        for (j = 0; j < 32; j++) printf " %du,", pick(100000)
        print " };"
    }
    for (current = 0; current < functions; current++) {
        print (current % 3 ? "" : "static ") "unsigned step" current "(struct state *state, unsigned a)\n{"
        print "    unsigned b = a * " 1 + pick(99) "u, c = state->field" pick(fields) ", d = 0;"
        body = 3 + pick(6)
        for (line = 0; line < body; line++) statement(2, "    ")
        print "    state->ratio = state->ratio * 0.5 + (double)(a ^ d);"
        print "    return a + b + c + d;\n}\n"
    }
    print "unsigned run(struct state *state)\n{\n    unsigned sum = 0;"
    print "    while (state) {"
    for (i = 0; i < functions; i++) print "        sum += step" i "(state, sum);"
    print "        state = state->next;\n    }\n    return sum;\n}"
}
