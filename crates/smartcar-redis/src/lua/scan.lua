-- One step of a walk over the keys of one application, with their values.
--
-- KEYS: any key of the application, so that a cluster picks its node.
-- ARGV: cursor, pattern, count.
--
-- Returns {cursor, {key, value, key, value, …}}; what is not a string is left out.
local step = redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3], 'TYPE', 'string')
local found = {}
for _, key in ipairs(step[2]) do
    local value = redis.call('GET', key)
    if value then
        found[#found + 1] = key
        found[#found + 1] = value
    end
end
return {step[1], found}
