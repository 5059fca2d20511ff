-- Takes the cost from every account, or from none.
--
-- KEYS, per account: its bucket, its wait, its month.
-- ARGV: cost, start and end of the month; then per account: the interval of its rate (0:
-- no rate), the units of its burst that may be used, the units of a month (0: no limit).
-- All times are microseconds since 1970 by this server's clock.
--
-- Returns {1, now, 0, 0} if granted, {0, now, from, account} if denied until `from` by
-- that account, and {-1, now, 0, 0} if the month is not the one of the keys.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, starts, ends = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if now < starts or now >= ends then
    return {-1, now, 0, 0}
end

local buckets, months = {}, {}
local from, last = now, 0
for account = 1, #KEYS / 3 do
    local at = 3 * account
    local bucket, wait, month = KEYS[at - 2], KEYS[at - 1], KEYS[at]
    local every, usable, monthly = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
    local ready = tonumber(redis.call('GET', wait) or 0)
    if every > 0 then
        local full_at = math.max(tonumber(redis.call('GET', bucket) or 0), now) + cost * every
        ready = math.max(ready, full_at - usable * every)
        buckets[bucket] = full_at
    end
    if monthly > 0 then
        if tonumber(redis.call('GET', month) or 0) + cost > monthly then
            ready = math.max(ready, ends)
        end
        months[#months + 1] = month
    end
    if ready > now and ready >= from then
        from, last = ready, account
    end
end
if last > 0 then
    return {0, now, from, last}
end

for bucket, full_at in pairs(buckets) do
    redis.call('SET', bucket, string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
end
for _, month in ipairs(months) do
    redis.call('INCRBY', month, ARGV[1])
    -- A day longer, so that releasing what was taken in the last minute finds it.
    redis.call('PEXPIREAT', month, string.format('%.0f', ends / 1000 + 86400000))
end
return {1, now, 0, 0}
