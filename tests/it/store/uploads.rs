//! Addresses of uploaded pictures outlive a run, until they run out or are dropped.

use editree::store::uploads::Address;
use editree::tree::{Hash, Timestamp};

use super::Shelf;

const HASH: Hash = Hash([7; 32]);
const PLACE: &str = "https://rest.example";

fn address(url: &str, expires: Option<i64>) -> Address {
    Address { url: url.into(), at: Timestamp(5), expires: expires.map(Timestamp) }
}

#[tokio::test]
async fn an_address_is_found_by_the_next_run_at_its_place_only() {
    let shelf = Shelf::new();
    let store = shelf.store();
    store.keep_upload(HASH, PLACE, address("https://a/1", None)).await.unwrap();
    drop(store);
    let store = shelf.store();
    let find = |hash, place| store.upload(hash, place, Timestamp(10));
    assert_eq!(find(HASH, PLACE).await.unwrap(), Some(address("https://a/1", None)));
    assert_eq!(find(HASH, "https://other.example").await.unwrap(), None);
    assert_eq!(find(Hash([8; 32]), PLACE).await.unwrap(), None);
}

#[tokio::test]
async fn a_newer_address_takes_the_place_and_one_that_ran_out_is_not_given() {
    let shelf = Shelf::new();
    let store = shelf.store();
    store.keep_upload(HASH, PLACE, address("https://a/1", None)).await.unwrap();
    store.keep_upload(HASH, PLACE, address("https://a/2", Some(100))).await.unwrap();
    let find = |now| store.upload(HASH, PLACE, Timestamp(now));
    assert_eq!(find(99).await.unwrap(), Some(address("https://a/2", Some(100))));
    assert_eq!(find(100).await.unwrap(), None);
}

#[tokio::test]
async fn a_dropped_address_is_gone() {
    let shelf = Shelf::new();
    let store = shelf.store();
    store.keep_upload(HASH, PLACE, address("https://a/1", None)).await.unwrap();
    store.forget_upload(HASH, PLACE).await.unwrap();
    assert_eq!(store.upload(HASH, PLACE, Timestamp(10)).await.unwrap(), None);
}
