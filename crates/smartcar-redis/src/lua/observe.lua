-- Notes a wait that the API stated. A wait is never shortened.
--
-- KEYS: the account's wait, its month.
-- ARGV: the wait (0: until the month ends), start and end of the month, the units of a
-- month (0: no limit).
--
-- Returns {1, now, 0, 0}, and {-1, now, 0, 0} if the month is not the one of the key.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait, starts, ends = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local until_ = now + wait
if wait == 0 then
    if now < starts or now >= ends then
        return {-1, now, 0, 0}
    end
    until_ = ends
    local monthly = tonumber(ARGV[4])
    if monthly > 0 and tonumber(redis.call('GET', KEYS[2]) or 0) < monthly then
        redis.call('SET', KEYS[2], ARGV[4])
        redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', ends / 1000 + 86400000))
    end
end
if until_ > tonumber(redis.call('GET', KEYS[1]) or 0) then
    redis.call('SET', KEYS[1], string.format('%.0f', until_), 'PX', math.ceil((until_ - now) / 1000))
end
return {1, now, 0, 0}
