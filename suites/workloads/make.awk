# One makefile: modules of sources with their headers, objects, libraries and checks.
# Usage: awk -f random.awk -f make.awk -v modules=N

BEGIN {
    seed(37)
    build_words(400)
    print "CFLAGS := -O2 -Wall\nBUILD ?= out\nflags = $(CFLAGS) $(foreach d,$(1),-Iinclude/$(d))"
    print ".PHONY: all check\nall: $(BUILD)/program"
    for (i = 0; i < modules; i++) {
        name = words[pick(400)] i
        sources = 2 + pick(10)
        printf "%s_sources :=", name
        for (j = 0; j < sources; j++) printf " %s/%s%d.c", name, words[pick(400)], j
        printf "\n%s_objects := $(%s_sources:%%.c=$(BUILD)/%%.o)\n", name, name
        printf "$(%s_objects): $(BUILD)/%%.o: %%.c", name
        headers = 3 + pick(8)
        for (j = 0; j < headers; j++) printf " include/%s%d.h", words[pick(60)], pick(9)
        printf "\n\t$(CC) $(call flags,%s common) -c -o $@ $<\n", name
        printf "$(BUILD)/%s.a: $(%s_objects)\n\t$(AR) rcs $@ $^\n", name, name
        printf "archives += $(BUILD)/%s.a\n", name
        printf "check: check-%s\ncheck-%s: $(BUILD)/%s.a\n\t./check $< $(words $(%s_sources))\n", name, name, name, name
    }
    print "$(BUILD)/program: $(sort $(archives))\n\t$(CC) -o $@ $^ $(wordlist 1,3,$(archives))"
    print "%.c include/%.h:\n\t@echo generate $@"
}
