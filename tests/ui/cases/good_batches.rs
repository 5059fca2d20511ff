//! Batches of one, of several and of sixteen endpoints.

use smartcar_batch::{
    AccessToken, Attributes, Battery, BatteryCapacity, Charge, ChargeLimit, Client, Dtcs,
    EngineOil, Fuel, Location, NominalCapacity, Odometer, Permissions, Security, SystemStatus,
    TirePressure, VehicleId, Vin, tesla,
};

fn main() {
    let client = Client::builder()
        .access_token(AccessToken::new("t").unwrap())
        .build()
        .unwrap();
    let vehicle = client.vehicle(VehicleId::new("v").unwrap());
    assert_eq!(vehicle.batch::<(Odometer,)>().cost(), 1);
    assert_eq!(vehicle.batch::<(Odometer, tesla::Charge, Charge)>().cost(), 3);
    type Sixteen = (
        Attributes,
        Vin,
        Odometer,
        Location,
        Fuel,
        Battery,
        BatteryCapacity,
        NominalCapacity,
        Charge,
        ChargeLimit,
        EngineOil,
        TirePressure,
        Security,
        Permissions,
        SystemStatus,
        Dtcs,
    );
    assert_eq!(vehicle.batch::<Sixteen>().cost(), 16);
}
