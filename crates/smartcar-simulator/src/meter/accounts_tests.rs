use super::*;

#[test]
fn the_idle_are_forgotten_first_and_the_longest_unasked_next() {
    let mut accounts = Accounts::default();
    for number in 0..MOST {
        let account = accounts.of(&number.to_string(), 0, 1);
        // The last ten accounts are idle.
        account.full_at = if number < MOST - 10 { 5 } else { 0 };
    }
    accounts.of("0", 0, 1);
    accounts.of("new", 0, 1);
    assert_eq!(accounts.known.len(), MOST / 2 + 1);
    assert!(accounts.known.contains_key("0"), "it was used again");
    assert!(!accounts.known.contains_key("1"));
    assert!(!accounts.known.contains_key(&(MOST - 1).to_string()));
    assert!(accounts.known.contains_key(&(MOST - 11).to_string()));
    let time_passed = 5;
    accounts.forget(time_passed, 1);
    assert_eq!(accounts.known.len(), 0);
}

#[test]
fn an_account_counts_in_its_own_month_only() {
    let account = Account {
        month: 7,
        used: 3,
        ..Account::default()
    };
    assert_eq!((account.used_in(7), account.used_in(8)), (3, 0));
    assert!(!account.is_idle(0, 7) && account.is_idle(0, 8));
}
