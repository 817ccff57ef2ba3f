# Sales by city, the best items of each, and an index of the words used in the notes.
def total: [.lines[] | .count * .price] | add;
{
  cities: (group_by(.customer.city) | map({
    city: .[0].customer.city,
    orders: length,
    revenue: (map(total) | add | floor),
    best: ([.[].lines[]] | group_by(.item)
      | map({item: .[0].item, sold: (map(.count) | add)}) | sort_by(-.sold, .item) | .[:5]),
    vips: (map(select(.customer.vip) | .customer.name | ascii_upcase) | unique)
  }) | sort_by(-.revenue)),
  words: (reduce (.[].note | split(" ")[]) as $word ({}; .[$word] += 1)
    | to_entries | sort_by(-.value, .key) | map("\(.key)=\(.value)") | .[:200])
}
