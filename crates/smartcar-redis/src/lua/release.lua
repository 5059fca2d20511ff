-- Gives unused units back.
--
-- KEYS, per account: its bucket, and its month at the time of the grant.
-- ARGV: cost, time of the grant; then per account: the interval of its rate (0: no rate),
-- and 1 if its months are counted.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost, taken = tonumber(ARGV[1]), tonumber(ARGV[2])
for account = 1, #KEYS / 2 do
    local at = 2 * account
    local bucket, month = KEYS[at - 1], KEYS[at]
    -- What has refilled since is not given back: the bucket has it anyway.
    local missing = tonumber(ARGV[at + 1]) * cost - math.max(now - taken, 0)
    local full_at = tonumber(missing > 0 and redis.call('GET', bucket) or 0)
    if full_at > 0 then
        full_at = full_at - missing
        if full_at > now then
            redis.call('SET', bucket, string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
        else
            redis.call('DEL', bucket)
        end
    end
    if ARGV[at + 2] == '1' then
        local used = tonumber(redis.call('GET', month) or 0)
        if used > 0 then
            redis.call('DECRBY', month, string.format('%.0f', math.min(cost, used)))
        end
    end
end
return {1, now, 0, 0}
