use super::*;

#[test]
fn a_tank_is_filled_when_it_is_low() {
    assert!((level(0.5, 0.4) - 0.1).abs() < 1e-9);
    assert!((level(0.5, 0.401) - 0.999).abs() < 1e-9);
    assert!((level(0.05, 0.0) - 0.05).abs() < 1e-9);
    assert!((0..10_000).all(|used| level(0.7, f64::from(used) * 0.01) >= 0.1 - 1e-9));
}

#[test]
fn the_points_of_the_compass_are_where_they_belong() {
    for point in 0..16 {
        let degrees = f64::from(point) * 22.5;
        let (north, east) = unit(point);
        assert!(
            (north - degrees.to_radians().cos()).abs() < 1e-12,
            "{point}"
        );
        assert!((east - degrees.to_radians().sin()).abs() < 1e-12, "{point}");
    }
    for degrees in -90..=90 {
        let degrees = f64::from(degrees);
        assert!((cosine(degrees) - degrees.to_radians().cos()).abs() < 0.002);
    }
}

#[test]
fn the_speed_is_what_the_way_grows_by() {
    let mut way = 0.0;
    for step in 0..10_000 {
        let time = (f64::from(step) + 0.5) / 10_000.0;
        assert!((share_of_way(time) - way).abs() < 2e-4, "{time}");
        way += share_of_speed(time) / 10_000.0;
    }
    assert!((share_of_way(1.0) - 1.0).abs() < 1e-12 && share_of_way(0.0).abs() < 1e-12);
}
