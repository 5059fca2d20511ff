use super::*;

#[test]
fn the_numbers_are_those_of_the_published_generator() {
    let numbers: Vec<u64> = (1..=3).map(|n| number(1_234_567, n)).collect();
    let expected = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
    ];
    assert_eq!(numbers, expected);
}

#[test]
fn a_shuffled_list_keeps_its_entries() {
    let shuffled = |seed| {
        let mut list: Vec<u32> = (0..20).collect();
        shuffle(&mut list, seed);
        list
    };
    assert_eq!(shuffled(1), shuffled(1));
    assert_ne!(shuffled(1), shuffled(2));
    let mut sorted = shuffled(1);
    sorted.sort_unstable();
    assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    shuffle::<u32>(&mut [], 1);
}
