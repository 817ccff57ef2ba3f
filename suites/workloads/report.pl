# Reads text, builds a concordance, wraps and rewrites paragraphs, prints statistics.
use strict;
use warnings;

my (%count, %places, %follows, @paragraphs);
while (my $line = <STDIN>) {
    chomp $line;
    push @paragraphs, $line;
    my ($position, $before) = (0, '');
    for my $word (split /[ .]+/, $line) {
        $count{$word}++;
        $places{$word} .= "$.:$position," if length $word > 4;
        $follows{$before}{$word}++ if $before ne '' && $position % 3 == 0;
        $before = $word;
        $position++;
    }
}

for my $word (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count) {
    my $trail = join ' ', map { "<$_>" } sort keys %{ $follows{$word} || {} };
    printf "%-20s %6d %s\n", $word, $count{$word}, substr($trail, 0, 60);
}

# Wrap every paragraph, mark the long words, and keep a page of the result at a time.
my $page = '';
my @pages;
for my $text (@paragraphs) {
    (my $marked = $text) =~ s/(\w{8,})/uc($1)/ge;
    my ($row, @rows) = ('');
    for my $word (split / /, $marked) {
        if (length($row) + length($word) > 70) { push @rows, $row; $row = ''; }
        $row .= ($row eq '' ? '' : ' ') . $word;
    }
    push @rows, $row;
    $page .= join("\n", @rows) . "\n\n";
    if (length $page > 20_000) { push @pages, $page; $page = ''; shift @pages if @pages > 8; }
}
my $sum = 0;
$sum += unpack('%32C*', $_) for @pages, $page;
print "pages ", scalar @pages, " checksum $sum\n";
