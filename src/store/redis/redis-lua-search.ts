/**
 * The part of the Redis library (Lua) that finds rows. Invariant: it reads only, does a bounded piece of work in a
 * call, and says where the next call goes on; what it finds may be too much, never too little: the tracker
 * looks at each row again.
 *
 * A search walks the shortest of its lists from its newest row down, a set at a time, and asks the other lists
 * whether they have what it found.
 */
import { maxRedisBeginnings, maxRedisSearchSeen, maxRedisSearchWork } from '../../core/limits/redis.ts';

export const luaSearch = `
local maxBeginnings = ${maxRedisBeginnings}
local maxWork = ${maxRedisSearchWork}
local maxSeen = ${maxRedisSearchSeen}

local function listOf(key)
  local borders = bordersOf(key)
  return { key = key, borders = borders, size = #borders * maxSet + call('SCARD', key) }
end

local function wordOf(K, token) return listOf(K .. ':w:' .. token) end

-- The set that has the numbers just below one, with its lower border.
local function setBelow(list, n)
  local place = placeOf(list.borders, n - 1)
  return setAt(list.key, list.borders, place), list.borders[place - 1] or 0
end

-- The words that begin so; when they are many, the rows with any of them and some more.
local function beginnings(K, prefix, coarse)
  local words = wordsWith(K, prefix, maxBeginnings + 1)
  if #words > maxBeginnings then return { wordOf(K, coarse) }, true end
  local lists = {}
  for at = 1, #words do lists[at] = wordOf(K, words[at]) end
  return lists
end

-- Marks which of some numbers, descending, a list has.
local function mark(search, list, numbers, marks)
  local at = 1
  while at <= #numbers do
    local set, low = setBelow(list, numbers[at] + 1)
    local last = at
    while last < #numbers and last - at < 500 and numbers[last + 1] >= low do last = last + 1 end
    local found = call('SMISMEMBER', set, unpack(numbers, at, last))
    for each = 1, #found do
      if found[each] == 1 then marks[at + each - 1] = true end
    end
    search.work = search.work + 20 + (last - at) / 4
    at = last + 1
  end
end

local function kept(numbers, marks, wanted)
  local left = {}
  for at = 1, #numbers do
    if (marks[at] == true) == wanted then left[#left + 1] = numbers[at] end
  end
  return left
end

local function narrow(search, numbers, list)
  local marks = {}
  mark(search, list, numbers, marks)
  return kept(numbers, marks, true)
end

-- A group is satisfied by any of its ways, a way by all of its words and one of its beginnings, if it has some.
local function narrowByGroup(search, numbers, group)
  local marks = {}
  for _, way in ipairs(group) do
    if #way.words == 0 then
      for _, list in ipairs(way.beginnings) do mark(search, list, numbers, marks) end
    else
      local left = numbers
      for _, list in ipairs(way.words) do left = narrow(search, left, list) end
      if way.beginnings and #left > 0 then
        local some = {}
        for _, list in ipairs(way.beginnings) do mark(search, list, left, some) end
        left = kept(left, some, true)
      end
      local place = {}
      for _, n in ipairs(left) do place[n] = true end
      for at = 1, #numbers do if place[numbers[at]] then marks[at] = true end end
    end
  end
  return kept(numbers, marks, true)
end

local function rarestFirst(a, b) return a.size < b.size end

local function sizeOf(lists)
  local size = 0
  for _, list in ipairs(lists) do size = size + list.size end
  return size
end

-- The lists one of which has whatever a group finds, and whether whatever they have satisfies it.
local function driversOf(group)
  local drivers, isExact = {}, true
  for _, way in ipairs(group) do
    if #way.words > 0 then
      isExact = isExact and #way.words == 1 and not way.beginnings
      table.sort(way.words, rarestFirst)
      drivers[#drivers + 1] = way.words[1]
    else
      for _, list in ipairs(way.beginnings) do drivers[#drivers + 1] = list end
    end
  end
  return drivers, isExact
end

local function prepare(K, plan, isOnline)
  local search = { work = 0, words = {}, groups = {}, without = {} }
  for at, token in ipairs(plan.all) do search.words[at] = wordOf(K, token) end
  for at, token in ipairs(plan.none) do search.without[at] = wordOf(K, token) end
  for at, ways in ipairs(plan.groups) do
    local group = {}
    for each, way in ipairs(ways) do
      local lists = { words = {} }
      for place, token in ipairs(way.words) do lists.words[place] = wordOf(K, token) end
      if way.prefix then
        local isCoarse
        lists.beginnings, isCoarse = beginnings(K, way.prefix, way.coarse)
        if isCoarse and #ways == 1 and way.prefix:find('^%w+$') then search.begins = way.prefix end
      end
      group[each] = lists
    end
    search.groups[at] = group
  end
  if #plan.peers > 0 then
    local group = {}
    for _, peer in ipairs(plan.peers) do
      local pid = call('ZSCORE', K .. ':i', peer)
      if pid and isOnline(tonumber(pid)) then group[#group + 1] = { words = { listOf(K .. ':s:' .. pid) } } end
    end
    search.groups[#search.groups + 1] = group
  end
  table.sort(search.words, rarestFirst)
  search.drivers = search.words[1] and { search.words[1] }
  for _, group in ipairs(search.groups) do
    local drivers, isExact = driversOf(group)
    if not search.drivers or sizeOf(drivers) * 2 < sizeOf(search.drivers) then
      search.drivers = drivers
      search.satisfied = isExact and group
    end
  end
  if search.words[1] and search.drivers[1] == search.words[1] then search.partner = search.words[2] end
  return search
end

-- What Redis keeps packed it gives in ascending order; only what it put together must be sorted.
local function descending(members, low, below)
  local numbers = {}
  local isSorted = true
  for at = #members, 1, -1 do
    local n = tonumber(members[at])
    if n >= low and n < below then
      local count = #numbers
      if count > 0 and numbers[count] < n then isSorted = false end
      numbers[count + 1] = n
    end
  end
  if not isSorted then table.sort(numbers, function(a, b) return a > b end) end
  return numbers
end

-- The newest numbers below one that the drivers have, and the border down to which these are all.
local function nextNumbers(search, below)
  local sets, low = {}, 0
  for at, list in ipairs(search.drivers) do
    local lower
    sets[at], lower = setBelow(list, below)
    low = math.max(low, lower)
  end
  if #sets == 0 then return {}, 0 end
  local members
  if search.partner then
    local other, lower = setBelow(search.partner, below)
    low = math.max(low, lower)
    members = call('SINTER', sets[1], other)
  else
    members = #sets == 1 and call('SMEMBERS', sets[1]) or call('SUNION', unpack(sets))
  end
  search.work = search.work + 20 + #members
  return descending(members, low, below), low
end

local function filter(search, numbers)
  for _, list in ipairs(search.words) do
    if #numbers == 0 then return numbers end
    if list ~= search.drivers[1] and list ~= search.partner then numbers = narrow(search, numbers, list) end
  end
  for _, group in ipairs(search.groups) do
    if #numbers == 0 then return numbers end
    if group ~= search.satisfied then numbers = narrowByGroup(search, numbers, group) end
  end
  for _, list in ipairs(search.without) do
    if #numbers == 0 then return numbers end
    local marks = {}
    mark(search, list, numbers, marks)
    numbers = kept(numbers, marks, false)
  end
  return numbers
end

-- Whether a path may have a word that begins so: what is said of plain letters holds of plain paths.
local function mayBegin(path, beginning)
  return path:find('[\\128-\\255]') ~= nil or path:lower():gsub('%W', ''):find(beginning, 1, true) ~= nil
end

-- The rows of some contents, newest first.
local function rowsOfContents(K, ids)
  local contents = contentsOf(K)
  local fids = {}
  for _, id in ipairs(ids) do
    contents.newest(id, 2000, function(fid) fids[#fids + 1] = fid end)
  end
  return fids
end

-- the row to begin below ('' for the newest), rows wanted, smallest and largest size (8 bytes), the plan, ids.
-- Gives where it began, where to go on (0: nowhere), then of each row its number, live holders and itself.
local function search(keys, args)
  local K = shardOf(keys)
  local from = args[1] == '' and tonumber(call('HGET', K, 'fid') or 0) + 1 or tonumber(args[1])
  local wanted, least, most = tonumber(args[2]), args[3], args[4]
  local isOnline = presence(K)
  local asked = prepare(K, cjson.decode(args[5]), isOnline)
  local given = args[6] and rowsOfContents(K, { unpack(args, 6) })
  if given then asked.drivers, asked.satisfied, asked.partner = {}, nil, nil end
  local found = { from, 0 }
  local rows, seen, below = 0, 0, from
  while below > 1 do
    local numbers, low
    if given then numbers, low = descending(given, 0, below), 0 else numbers, low = nextNumbers(asked, below) end
    numbers = filter(asked, numbers)
    for _, fid in ipairs(numbers) do
      if rows == wanted or seen == maxSeen then
        found[2] = below
        return found
      end
      below = fid
      seen = seen + 1
      local copies = copiesOf(K, fid, isOnline, seenCopies)
      local row = copies > 0 and rowOf(K, fid)
      if row and asked.begins and not mayBegin(row:sub(63), asked.begins) then row = nil end
      if row and row:sub(49, 56) >= least and row:sub(49, 56) <= most then
        rows = rows + 1
        found[#found + 1] = fid
        found[#found + 1] = copies
        found[#found + 1] = row
      end
    end
    below = low
    if asked.work > maxWork and below > 1 then
      found[2] = below
      return found
    end
  end
  return found
end
`;
