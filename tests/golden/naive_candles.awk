# One-minute candles from the trades of a recording ("local_ns JSON" a line), the naive way: no JSON parser, doubles,
# prices kept as they were written. Prints every minute that a later trade has closed, but not the first, which was
# joined in its middle:   open_time_ms open high low close volume trades
function value(key,    rest) {
    rest = substr($0, index($0, "\"" key "\":") + length(key) + 3)
    sub(/^"/, "", rest)
    sub(/[",}].*/, "", rest)
    return rest
}
/"e":"trade"/ {
    price = value("p"); quantity = value("q"); time = value("T")
    minute = time - time % 60000
    if (minute != open_time) {
        if (minutes++ > 1) printf "%.0f %s %s %s %s %.17g %d\n", open_time, open, high, low, close_, volume, trades
        open_time = minute; open = high = low = price; volume = 0; trades = 0
    }
    if (price + 0 > high + 0) high = price
    if (price + 0 < low + 0) low = price
    close_ = price; volume += quantity; trades++
}
