-- The state of the application, and how the server keeps it.
--
-- KEYS: the application's bucket, its wait, the limits.
-- Returns {now, bucket, wait, limits as a list of names and values, the text of INFO}.
local time = redis.call('TIME')
local info = redis.pcall('INFO')
return {
    time[1] * 1000000 + time[2],
    tonumber(redis.call('GET', KEYS[1]) or 0),
    tonumber(redis.call('GET', KEYS[2]) or 0),
    redis.call('HGETALL', KEYS[3]),
    -- A user may not be allowed to read it.
    type(info) == 'string' and info or ''
}
